// planted: nothing
export const embedded = 'embedded';
