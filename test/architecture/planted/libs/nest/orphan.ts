// planted: no-orphans
export const found = 'nobody';
