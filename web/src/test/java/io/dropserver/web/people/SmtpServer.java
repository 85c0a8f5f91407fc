package io.dropserver.web.people;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;

/** A mail server of a test, on loopback. It records what it receives. */
final class SmtpServer implements AutoCloseable {
  /** An answer that the server never sends. */
  static final String SILENCE = "";

  /** Commands of all connections in order. */
  final List<String> commands = new CopyOnWriteArrayList<>();

  /** Accepted messages, with the dots of transparency removed. */
  final List<String> messages = new CopyOnWriteArrayList<>();

  /** Answers by verb; {@code GREETING} and {@code MESSAGE} are the two without a command. */
  final Map<String, String> answers = new ConcurrentHashMap<>();

  /** The verbs that arrived with TLS. */
  final List<String> encrypted = new CopyOnWriteArrayList<>();

  private final ServerSocket listener;
  private final List<Socket> open = new CopyOnWriteArrayList<>();
  private final @Nullable SSLContext tls;
  private final boolean implicit;

  private SmtpServer(@Nullable SSLContext tls, boolean implicit) throws IOException {
    this.tls = tls;
    this.implicit = implicit;
    listener = new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1"));
    answers.put("GREETING", "220 test");
    answers.put("EHLO", tls == null || implicit ? "250 test" : "250-test\r\n250 STARTTLS");
    answers.put("STARTTLS", "220 go");
    answers.put("DATA", "354 go");
    answers.put("QUIT", "221 bye");
    Thread.ofVirtual().start(this::accept);
  }

  static SmtpServer plain() throws IOException {
    return new SmtpServer(null, false);
  }

  static SmtpServer withTls(SSLContext context, boolean implicit) throws IOException {
    return new SmtpServer(context, implicit);
  }

  int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    try {
      while (true) {
        Socket socket = listener.accept();
        open.add(socket);
        Thread.ofVirtual().start(() -> serve(socket));
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private void serve(Socket raw) {
    try (raw) {
      Socket socket = implicit ? secured(raw) : raw;
      answer(socket, "GREETING");
      BufferedReader in = reader(socket);
      String line = in.readLine();
      while (line != null) {
        commands.add(line);
        String verb = line.split("[ :]", 2)[0].toUpperCase(Locale.ROOT);
        if (socket instanceof SSLSocket) {
          encrypted.add(verb);
        }
        answer(socket, verb);
        if (verb.equals("STARTTLS")) {
          socket = secured(raw);
          in = reader(socket);
          answers.put("EHLO", answers.getOrDefault("EHLO after TLS", "250 test"));
        } else if (verb.equals("DATA") && answers.getOrDefault("DATA", "").startsWith("354")) {
          receive(in);
          answer(socket, "MESSAGE");
        }
        line = in.readLine();
      }
    } catch (IOException e) {
      // The client left.
    }
  }

  private void receive(BufferedReader in) throws IOException {
    List<String> lines = new ArrayList<>();
    for (String line = in.readLine(); line != null && !line.equals("."); line = in.readLine()) {
      lines.add(line.startsWith(".") ? line.substring(1) : line);
    }
    messages.add(String.join("\n", lines) + "\n");
  }

  private void answer(Socket socket, String verb) throws IOException {
    String answer = answers.getOrDefault(verb, "250 ok");
    if (!answer.equals(SILENCE)) {
      OutputStream out = socket.getOutputStream();
      out.write((answer + "\r\n").getBytes(ISO_8859_1));
      out.flush();
    }
  }

  private static BufferedReader reader(Socket socket) throws IOException {
    return new BufferedReader(new InputStreamReader(socket.getInputStream(), ISO_8859_1));
  }

  private Socket secured(Socket raw) throws IOException {
    SSLContext context = tls;
    if (context == null) {
      throw new IOException("no TLS");
    }
    SSLSocket socket =
        (SSLSocket) context.getSocketFactory().createSocket(raw, "127.0.0.1", raw.getPort(), true);
    socket.setUseClientMode(false);
    socket.startHandshake();
    return socket;
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : open) {
      socket.close();
    }
  }
}
