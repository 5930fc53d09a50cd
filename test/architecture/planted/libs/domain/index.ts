// planted: nothing
export const domain = 'domain';
