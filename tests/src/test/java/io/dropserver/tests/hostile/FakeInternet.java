package io.dropserver.tests.hostile;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A network for attackers on the loopback interface of the tests' virtual machine: every name
 * resolves to a server, and the cloud metadata service is at its usual address. Thread-safe.
 */
final class FakeInternet implements AutoCloseable {
  private static final int DNS_HEADER_BYTES = 12; // RFC 1035, section 4.1.1
  private static final int TYPE_A = 1;
  private static final String ANSWER =
      "HTTP/1.1 200 OK\r\nContent-Length: 8\r\nConnection: close\r\n\r\nmetadata";

  private final DatagramSocket names;
  private final ServerSocket secure;
  private final ServerSocket metadata;
  private final Object lock = new Object();
  // Guarded by lock.
  private final List<String> hits = new ArrayList<>();

  private FakeInternet() throws IOException {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    names = new DatagramSocket(new InetSocketAddress(loopback, 53));
    secure = new ServerSocket(443, 50, loopback);
    metadata = new ServerSocket(80, 50, InetAddress.ofLiteral("169.254.169.254"));
  }

  /** The metadata address must be assigned to the machine, and its resolver must be this one. */
  static FakeInternet open() throws IOException {
    FakeInternet world = new FakeInternet();
    Thread.ofVirtual().start(world::answerNames);
    Thread.ofVirtual().start(() -> world.accept(world.secure, "a server on port 443"));
    Thread.ofVirtual().start(() -> world.accept(world.metadata, "the metadata service"));
    return world;
  }

  /** Returns the contacts since the last call. */
  List<String> takeHits() {
    synchronized (lock) {
      List<String> taken = List.copyOf(hits);
      hits.clear();
      return taken;
    }
  }

  private void hit(String what) {
    synchronized (lock) {
      hits.add(what);
    }
  }

  private void accept(ServerSocket server, String what) {
    try {
      while (true) {
        try (Socket client = server.accept()) {
          hit("reached " + what);
          if (server.equals(metadata)) {
            client.getInputStream().read(new byte[2048]);
            client.getOutputStream().write(ANSWER.getBytes(StandardCharsets.US_ASCII));
          }
        }
      }
    } catch (IOException closed) {
      return;
    }
  }

  private void answerNames() {
    try {
      while (true) {
        DatagramPacket question = new DatagramPacket(new byte[512], 512);
        names.receive(question);
        hit("asked a name server");
        byte[] answer = answer(question.getData(), question.getLength());
        names.send(new DatagramPacket(answer, answer.length, question.getSocketAddress()));
      }
    } catch (IOException closed) {
      return;
    }
  }

  /** Returns 127.0.0.1 for an A query, and no address for others. */
  private static byte[] answer(byte[] question, int length) {
    int end = DNS_HEADER_BYTES;
    while (question[end] != 0) {
      end += question[end] + 1;
    }
    int type = ByteBuffer.wrap(question).getShort(end + 1);
    int questionEnd = end + 5;
    ByteBuffer answer = ByteBuffer.allocate(questionEnd + 16);
    answer.put(question, 0, questionEnd);
    answer.putShort(2, (short) 0x8180).putShort(6, (short) (type == TYPE_A ? 1 : 0));
    answer.putShort(8, (short) 0).putShort(10, (short) 0);
    if (type == TYPE_A) {
      answer.putShort((short) 0xc00c).putShort((short) TYPE_A).putShort((short) 1).putInt(1);
      answer.putShort((short) 4).put(new byte[] {127, 0, 0, 1});
    }
    byte[] bytes = new byte[answer.position()];
    answer.get(0, bytes);
    return length < questionEnd ? question : bytes;
  }

  @Override
  public void close() throws IOException {
    names.close();
    secure.close();
    metadata.close();
  }
}
