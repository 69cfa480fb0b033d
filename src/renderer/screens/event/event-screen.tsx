export const EventScreen = () => null;
