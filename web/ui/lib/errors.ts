/** What to tell a person about an error: the server's own sentence where there is one. */
export function reason(error: unknown): string {
  if (error instanceof TypeError) return 'No connection to the server. Try again in a moment.';
  if (error instanceof Error && error.message) return error.message;
  return 'The server did not say what went wrong. Try again in a moment.';
}
