package io.dropserver.tests.endtoend;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CopyOnWriteArrayList;

/** A mail server (SMTP) on loopback without encryption, which keeps all that it is told. */
final class MailReceiver implements AutoCloseable {
  private final List<String> lines = new CopyOnWriteArrayList<>();
  private final ServerSocket listener;

  private MailReceiver(ServerSocket listener) {
    this.listener = listener;
  }

  static MailReceiver open() throws IOException {
    MailReceiver opened =
        new MailReceiver(new ServerSocket(0, 50, InetAddress.ofLiteral("127.0.0.1")));
    Thread.ofVirtual().start(opened::accept);
    return opened;
  }

  int port() {
    return listener.getLocalPort();
  }

  /** Returns the commands and the lines of the messages, of all connections. */
  List<String> lines() {
    return lines;
  }

  private void accept() {
    try {
      while (true) {
        Socket client = listener.accept();
        Thread.ofVirtual().start(() -> serve(client));
      }
    } catch (IOException closed) {
      return;
    }
  }

  private void serve(Socket client) {
    try (client) {
      BufferedReader in =
          new BufferedReader(new InputStreamReader(client.getInputStream(), ISO_8859_1));
      say(client, "220 mail.test");
      boolean message = false;
      for (String line = in.readLine(); line != null; line = in.readLine()) {
        lines.add(line);
        if (message) {
          message = !line.equals(".");
          if (!message) {
            say(client, "250 accepted");
          }
        } else {
          message = line.toUpperCase(Locale.ROOT).equals("DATA");
          say(client, message ? "354 go" : "250 ok");
        }
      }
    } catch (IOException closed) {
      return;
    }
  }

  private static void say(Socket client, String answer) throws IOException {
    client.getOutputStream().write((answer + "\r\n").getBytes(ISO_8859_1));
  }

  @Override
  public void close() throws IOException {
    listener.close();
  }
}
