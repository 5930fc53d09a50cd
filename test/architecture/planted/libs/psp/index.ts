// planted: nothing
export const psp = 'psp';
