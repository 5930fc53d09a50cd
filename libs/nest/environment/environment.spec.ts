import { ConfigurationError, Environment } from './environment';

const problemsOf = (
  read: (environment: Environment) => void,
  variables: Record<string, string>,
): readonly string[] => {
  const environment = new Environment(variables);
  read(environment);
  try {
    environment.done();
    return [];
  } catch (error) {
    return (error as ConfigurationError).problems;
  }
};

describe('configuration from the environment', () => {
  it('names every problem at once', () => {
    const problems = problemsOf(
      (environment) => {
        environment.text('MISSING');
        environment.port('PORT', 3000);
        environment.flag('FLAG');
        environment.url('URL', ['esdb']);
      },
      { PORT: '65536', FLAG: 'yes', URL: 'http://x' },
    );
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['MISSING', 'PORT', 'FLAG', 'URL']);
  });

  it.each([
    ['0', 0],
    ['65535', 65_535],
    ['', 3000],
  ])('takes %j for a port', (text, port) => {
    const environment = new Environment({ PORT: text });
    expect(environment.port('PORT', 3000)).toBe(port);
    expect(() => {
      environment.done();
    }).not.toThrow();
  });

  it.each(['-1', '65536', '3000x', '1e3', ' 80', '0x50', '3.5'])('refuses %j for a port', (text) => {
    expect(problemsOf((environment) => environment.port('PORT', 3000), { PORT: text })).toHaveLength(1);
  });

  it('counts an empty variable as absent', () => {
    expect(new Environment({ NAME: '' }).optional('NAME')).toBeUndefined();
    expect(new Environment({ NAME: '' }).text('NAME', 'fallback')).toBe('fallback');
  });

  it.each([
    ['esdb://127.0.0.1:2113?tls=false', 0],
    ['esdb+discover://a,b,c', 0],
    ['esdb://', 1],
    ['mongodb://x', 1],
    ['esdb://a b', 1],
  ])('checks the form of a URL: %s', (url, count) => {
    expect(
      problemsOf((environment) => environment.url('URL', ['esdb', 'esdb+discover']), { URL: url }),
    ).toHaveLength(count);
  });
});
