// Connects to an abstract Unix socket of the host.
import { pointer, readDescriptor, syscall, type Target } from "../attack.ts";

export const layer = "namespaces";

export default function (target: Target): string | null {
  // socket(AF_UNIX, SOCK_STREAM), connect to "\0name"
  const descriptor = syscall(41, 1, 1, 0);
  const name = new TextEncoder().encode(target.abstractSocket);
  const address = new Uint8Array(3 + name.length);
  address[0] = 1;
  address.set(name, 3);
  if (syscall(42, descriptor, pointer(address), address.length) !== 0) {
    return null;
  }
  return readDescriptor(descriptor);
}
