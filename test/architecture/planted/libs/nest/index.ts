// planted: nothing
export const nest = 'nest';
