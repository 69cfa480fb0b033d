export const StreamScreen = () => null;
