declare module 'emoji:*' {
  const lines: string;
  export default lines;
}
