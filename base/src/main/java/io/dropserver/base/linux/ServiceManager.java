package io.dropserver.base.linux;

import static io.dropserver.base.linux.CLibrary.INT;
import static io.dropserver.base.linux.CLibrary.LONG;
import static io.dropserver.base.linux.CLibrary.POINTER;

import java.io.IOException;
import java.lang.invoke.MethodHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Reports to the service manager that started this process, as sd_notify(3) describes. It needs
 * datagrams of unix(7), which Java does not offer.
 */
public final class ServiceManager {
  /** The environment variable that names the service manager's socket. */
  public static final String SOCKET_VARIABLE = "NOTIFY_SOCKET";

  private static final short AF_UNIX = 1;
  private static final int SOCK_DGRAM = 2;

  /** The size of {@code sun_path}. */
  private static final int MAX_PATH = 108;

  private static final MethodHandle SOCKET = CLibrary.function("socket", INT, INT, INT, INT);
  private static final MethodHandle SENDTO =
      CLibrary.function("sendto", LONG, INT, POINTER, LONG, INT, POINTER, INT);

  private ServiceManager() {}

  /**
   * Reports that the service is ready.
   *
   * @param socket a path, or {@code @} and a name in the abstract namespace
   */
  public static void reportReady(String socket) throws IOException {
    byte[] address = address(socket);
    byte[] message = "READY=1".getBytes(StandardCharsets.US_ASCII);
    int descriptor =
        (int)
            require(
                socket,
                CLibrary.call(
                    (_, errno) ->
                        (int)
                            SOCKET.invokeExact(
                                errno, (int) AF_UNIX, SOCK_DGRAM | OpenFlags.O_CLOEXEC, 0)));
    try {
      require(
          socket,
          CLibrary.call(
              (memory, errno) ->
                  (long)
                      SENDTO.invokeExact(
                          errno,
                          descriptor,
                          memory.allocateFrom(CLibrary.BYTE, message),
                          (long) message.length,
                          0,
                          memory.allocateFrom(CLibrary.BYTE, address),
                          address.length)));
    } finally {
      NativeFile.close(descriptor);
    }
  }

  /** Returns a {@code sockaddr_un}. */
  private static byte[] address(String socket) throws IOException {
    byte[] name = socket.getBytes(StandardCharsets.UTF_8);
    if (name.length == 0 || name.length >= MAX_PATH || (name[0] != '/' && name[0] != '@')) {
      throw new IOException("the service manager's socket " + socket + " is not a valid address");
    }
    boolean hasPath = name[0] == '/';
    if (!hasPath) {
      name[0] = 0;
    }
    ByteBuffer address =
        ByteBuffer.allocate(Short.BYTES + name.length + (hasPath ? 1 : 0))
            .order(ByteOrder.nativeOrder());
    address.putShort(AF_UNIX).put(name);
    return address.array();
  }

  private static long require(String socket, long result) throws IOException {
    if (result < 0) {
      throw new IOException("cannot reach the service manager at " + socket + ": errno " + -result);
    }
    return result;
  }
}
