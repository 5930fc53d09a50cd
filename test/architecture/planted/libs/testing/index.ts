// planted: nothing
export const testing = 'testing';
