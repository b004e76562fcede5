import { DomainError } from './errors.ts';

/** What a person may call a device: it is shown in lists and never leaves the table. */
const DEVICE_NAME = /^[\p{L}\p{N}][\p{L}\p{N} ._'()+-]{0,63}$/u;

/** @throws DomainError malformedRequest */
export function parseDeviceName(text: string): string {
  const name = text.normalize('NFC').trim();
  if (!DEVICE_NAME.test(name)) {
    throw new DomainError('malformedRequest', 'the device name has letters that are not allowed', {
      faults: [
        {
          pointer: '/deviceName',
          detail: "1 to 64 letters, digits, spaces or . _ ' ( ) + -, a letter or digit first",
        },
      ],
    });
  }
  return name;
}
