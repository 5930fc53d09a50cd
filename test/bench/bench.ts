import { mkdtempSync, rmSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { audit } from './audit';
import { checkBooks } from './books';
import { toggleProfiles, type Target } from './bench-stack';
import { drain } from './drain';
import { figuresOf, hasErrors, keepsTheRate, type Figures } from './figures';
import { findMaxRate } from './find-max';
import { resultOf, type OpenStory } from './key-stories';
import type { LoadPlan } from './load-plan';
import { runLoad } from './load-run';
import { RATE_MAX_PER_S, type BenchOptions } from './options';
import { startProgress } from './progress';
import { PspSimulator } from './psp-simulator';
import { measureRawAppends } from './raw-appends';
import { stepLine, type Report } from './report';

/** One run of the bench on one target. */
export class Bench {
  private readonly psp: PspSimulator;
  private readonly stories: OpenStory[] = [];
  private earlier: ReadonlySet<string> = new Set();
  private runs = 0;
  private readonly folder = mkdtempSync(join(tmpdir(), 'tender-bench-answers-'));
  /** Keys of an earlier run name its payments. */
  private readonly keyPrefix = `bench-${Date.now().toString(36)}`;

  constructor(
    private readonly target: Target,
    private readonly options: BenchOptions,
    private readonly say: (line: string) => void,
  ) {
    this.psp = new PspSimulator(target.pspUrl);
  }

  async run(): Promise<Report> {
    const { options, target, psp } = this;
    const [loadAverageBefore = 0] = loadavg();
    this.earlier = await psp.references();
    const itsOwn = await psp.latency();
    if (options.latency !== undefined) await psp.setLatency(options.latency);
    try {
      if (options.warmUpSeconds > 0) await this.load('warm-up', options.ratePerS, options.warmUpSeconds);
      const figures: Figures[] = [];
      if (options.cpuProfile !== undefined) toggleProfiles(target);
      const highestSustainedPerS = await this.measure(figures);
      if (options.cpuProfile !== undefined) toggleProfiles(target);
      await this.drain();
      const rawAppends =
        target.eventStoreUrl === undefined ? undefined : await measureRawAppends(target.eventStoreUrl);
      const { charges } = await psp.memory(this.earlier);
      const { apiUrl, apiKey } = target;
      const books = await checkBooks({ apiUrl, apiKey, charges, onlyOurs: this.earlier.size === 0 });
      const [loadAverageAfter = 0] = loadavg();
      const [{ model } = { model: 'unknown' }] = cpus();
      return {
        machine: {
          cpus: cpus().length,
          cpuModel: model,
          node: process.versions.node,
          loadAverageBefore,
          loadAverageAfter,
        },
        figures,
        highestSustainedPerS,
        rawAppends,
        checkedPayments: this.stories.length,
        books,
        violations: [...audit(this.stories, charges), ...books.violations],
      };
    } finally {
      if (options.latency !== undefined) await psp.setLatency(itsOwn);
      rmSync(this.folder, { recursive: true, force: true });
    }
  }

  private async measure(figures: Figures[]): Promise<number | undefined> {
    const { ratePerS, seconds, findMax } = this.options;
    if (findMax === undefined) {
      figures.push(await this.load('load', ratePerS, seconds));
      return undefined;
    }
    return findMaxRate(ratePerS, RATE_MAX_PER_S, async (rate) => {
      const step = await this.load(`${rate}/s`, rate, seconds);
      const sustained = keepsTheRate(step) && !hasErrors(step) && step.added.p99Ms <= findMax.maxAddedP99Ms;
      this.say(stepLine(step, sustained));
      figures.push(step);
      return sustained;
    });
  }

  private async load(what: string, ratePerS: number, seconds: number): Promise<Figures> {
    const { gaps, seed, duplicates, payload } = this.options;
    const run = (this.runs += 1);
    const plan: LoadPlan = {
      ratePerS,
      seconds,
      gaps,
      seed: seed + run,
      duplicates,
      payload,
      keyPrefix: `${this.keyPrefix}-${run}`,
    };
    const answersFile = join(this.folder, `${run}.tsv`);
    const { apiUrl, apiKey, pids } = this.target;
    const done = await runLoad(what, { apiUrl, apiKey, plan, answersFile }, pids);
    const result = await resultOf(plan, answersFile);
    rmSync(answersFile);
    for (const story of result.stories.values()) this.stories.push(story);
    return figuresOf(plan, done, result, await this.psp.memory(this.earlier));
  }

  private async drain(): Promise<void> {
    const { apiUrl, apiKey } = this.target;
    const progress = startProgress('checking', this.stories.length);
    await drain(apiUrl, apiKey, this.stories, (checked) => {
      progress.update(checked, `${checked} payments`);
    });
    progress.stop();
  }
}
