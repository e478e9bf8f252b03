/** A reference to an image, taken apart. */
export interface ImageReference {
  /** With the registry, without tag and digest. */
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/** Takes `registry:5000/team/app:1.2@sha256:…` apart: a colon before the last slash belongs to the port of the registry. */
export function parseImage(text: string): ImageReference {
  const at = text.indexOf('@');
  const digest = at === -1 ? undefined : text.slice(at + 1);
  const named = at === -1 ? text : text.slice(0, at);
  const colon = named.indexOf(':', named.lastIndexOf('/') + 1);
  if (colon === -1) return { name: named, tag: undefined, digest };
  return { name: named.slice(0, colon), tag: named.slice(colon + 1), digest };
}

/** The version of a service by its image: tag and digest as far as there are any. */
export function versionOfImage({ tag, digest }: ImageReference): string | undefined {
  return [tag, digest].filter((part) => part).join('@') || undefined;
}
