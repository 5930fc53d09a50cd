// planted: nothing
export const readmodels = 'readmodels';
