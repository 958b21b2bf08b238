// An error whose status and words may be shown and logged: they quote nothing that a visitor sent.

export class HttpError extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}
