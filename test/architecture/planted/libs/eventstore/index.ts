// planted: nothing
export const eventstore = 'eventstore';
