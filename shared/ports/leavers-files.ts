/** A file that somebody put where the portal looks for leavers. */
export interface LeaversFileAddress {
  readonly bucket: string;
  readonly key: string;
  /** Of its content: another file of the same name is another file. */
  readonly etag: string;
}

export interface LeaversFiles {
  /** @returns undefined where it is gone, or another has taken its place */
  read(address: LeaversFileAddress): Promise<Uint8Array | undefined>;
}
