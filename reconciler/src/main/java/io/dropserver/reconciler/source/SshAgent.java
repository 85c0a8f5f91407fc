package io.dropserver.reconciler.source;

import java.io.EOFException;
import java.io.File;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import org.eclipse.jgit.transport.sshd.agent.Connector;
import org.eclipse.jgit.transport.sshd.agent.ConnectorFactory;
import org.jspecify.annotations.Nullable;

/**
 * Connects to an ssh-agent through its Unix socket, which the host configuration names. The
 * variable {@code SSH_AUTH_SOCK} is not used. Thread-safe.
 */
record SshAgent(Path socket) implements ConnectorFactory {
  @Override
  public Connector create(@Nullable String identityAgent, File home) {
    return new AgentConnection(socket);
  }

  @Override
  public boolean isSupported() {
    return true;
  }

  @Override
  public String getName() {
    return "dropserver";
  }

  @Override
  public Collection<ConnectorDescriptor> getSupportedConnectors() {
    return List.of(getDefaultConnector());
  }

  @Override
  public ConnectorDescriptor getDefaultConnector() {
    return new ConnectorDescriptor() {
      @Override
      public String getIdentityAgent() {
        return socket.toString();
      }

      @Override
      public String getDisplayName() {
        return "ssh-agent";
      }
    };
  }

  /** One connection, which is opened when it is first needed. Not thread-safe. */
  private static final class AgentConnection implements Connector {
    /** The limit of OpenSSH's own agent. */
    private static final int MAX_RESPONSE = 256 << 10;

    private static final int LENGTH_BYTES = 4;

    private final Path socket;
    private @Nullable SocketChannel channel;

    private AgentConnection(Path socket) {
      this.socket = socket;
    }

    /** Returns false if no agent listens, so that other credentials are tried. */
    @Override
    public boolean connect() {
      if (channel != null) {
        return true;
      }
      try {
        SocketChannel opened = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
          opened.connect(UnixDomainSocketAddress.of(socket));
          channel = opened;
          return true;
        } catch (IOException e) {
          opened.close();
          return false;
        }
      } catch (IOException e) {
        return false;
      }
    }

    /**
     * Sends a request and returns the response without its length.
     *
     * @param message begins with space for the length and the command
     */
    @Override
    public byte[] rpc(byte command, byte[] message) throws IOException {
      SocketChannel connected = channel;
      if (connected == null) {
        throw new IOException("there is no connection to the ssh-agent at " + socket);
      }
      ByteBuffer request = ByteBuffer.wrap(message);
      request.putInt(0, message.length - LENGTH_BYTES).put(LENGTH_BYTES, command);
      while (request.hasRemaining()) {
        connected.write(request);
      }
      int length = read(connected, LENGTH_BYTES).getInt();
      if (length <= 0 || length > MAX_RESPONSE) {
        throw new IOException("the ssh-agent at " + socket + " sent an invalid response");
      }
      return read(connected, length).array();
    }

    private ByteBuffer read(SocketChannel connected, int length) throws IOException {
      ByteBuffer bytes = ByteBuffer.allocate(length);
      while (bytes.hasRemaining()) {
        if (connected.read(bytes) < 0) {
          throw new EOFException("the ssh-agent at " + socket + " closed the connection");
        }
      }
      return bytes.flip();
    }

    @Override
    public void close() throws IOException {
      if (channel != null) {
        channel.close();
        channel = null;
      }
    }
  }
}
