// planted: nothing
export const engine = 'engine';
