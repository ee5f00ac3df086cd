/** The path is none that could lie in the folder (400). */
export class PathRefused extends Error {
  override readonly name = 'PathRefused';
}

/** There is no such file, or no such folder, or what is there is not looked into: a link, a device (404). */
export class NotThere extends Error {
  override readonly name = 'NotThere';
}

/** Something else is in the way (409). */
export class InTheWay extends Error {
  override readonly name = 'InTheWay';
}

/** The content is larger than a file may be (413). */
export class FileTooLarge extends Error {
  override readonly name = 'FileTooLarge';
}

/** The operating system's code of an error. */
export const codeOf = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;
