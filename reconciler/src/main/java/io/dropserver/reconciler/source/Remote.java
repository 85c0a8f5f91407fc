package io.dropserver.reconciler.source;

import io.dropserver.egress.gateway.TrustedAuthorities;
import io.dropserver.sandbox.app.RedirectRule;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.zip.GZIPInputStream;
import javax.net.ssl.TrustManager;
import org.eclipse.jgit.errors.NotSupportedException;
import org.eclipse.jgit.errors.TransportException;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.CredentialItem;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.TransportHttp;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.http.HttpConnection;
import org.eclipse.jgit.transport.http.HttpConnectionFactory;
import org.eclipse.jgit.transport.http.JDKHttpConnection;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.transport.sshd.SshdSessionFactoryBuilder;

/** Opens connections to one remote, with its own credentials only. Thread-safe. */
final class Remote implements AutoCloseable {
  private final RemoteUrl url;
  private final RemoteAccess access;
  private final RedirectRule redirects;
  private final Optional<SshdSessionFactory> ssh;
  private final Optional<TrustManager[]> authorities;
  private final AtomicReference<Optional<Duration>> retryAfter =
      new AtomicReference<>(Optional.empty());

  /**
   * @param emptyFolder replaces the user's home folder, so that JGit reads no files of the user
   */
  Remote(RemoteUrl url, RemoteAccess access, Path emptyFolder) {
    this(url, access, emptyFolder, RedirectRule.SYSTEM);
  }

  Remote(RemoteUrl url, RemoteAccess access, Path emptyFolder, RedirectRule redirects) {
    this.url = url;
    this.access = access;
    this.redirects = redirects;
    this.ssh =
        url.transfer() == RemoteUrl.Transfer.SSH
            ? Optional.of(sshFactory(access, emptyFolder))
            : Optional.empty();
    this.authorities =
        access.trust().isEmpty()
            ? Optional.empty()
            : Optional.of(TrustedAuthorities.with("repo.trust", access.trust()).trustManagers());
  }

  RemoteUrl url() {
    return url;
  }

  /** Returns the file with the credentials for the remote; empty if none are configured. */
  Optional<Path> credentials() {
    return url.transfer() == RemoteUrl.Transfer.SSH ? access.ssh().keyFile() : access.tokenFile();
  }

  /** Returns the delay that the server requested in its last response. {@link #open} clears it. */
  Optional<Duration> retryAfter() {
    return retryAfter.get();
  }

  Transport open(Repository local) throws NotSupportedException, TransportException {
    url.requireReadable();
    retryAfter.set(Optional.empty());
    Transport transport = Transport.open(local, url.uri());
    transport.setTimeout((int) Math.max(1, access.answerTimeout().toSeconds()));
    transport.setTagOpt(TagOpt.NO_TAGS);
    transport.setCheckFetchedObjects(true);
    if (transport instanceof TransportHttp http) {
      http.setHttpConnectionFactory(new DirectConnections());
      access.tokenFile().ifPresent(file -> http.setCredentialsProvider(new Token(file)));
    } else if (transport instanceof SshTransport sshTransport) {
      sshTransport.setSshSessionFactory(ssh.orElseThrow());
    }
    return transport;
  }

  private static SshdSessionFactory sshFactory(RemoteAccess access, Path emptyFolder) {
    RemoteAccess.SshIdentity identity = access.ssh();
    if (identity.keyFile().isEmpty() && identity.agentSocket().isEmpty()) {
      throw new SourceException("ssh remotes need sshKeyFile or sshAgentSocket below repo");
    }
    Path hosts =
        access
            .knownHostsFile()
            .orElseThrow(
                () ->
                    new SourceException(
                        "ssh remotes need repo.knownHostsFile; make it with ssh-keyscan HOST and"
                            + " compare the fingerprint with the one that the forge publishes"));
    // Without a credentials provider, JGit refuses an unknown host key instead of prompting.
    return new SshdSessionFactoryBuilder()
        .setHomeDirectory(emptyFolder.toFile())
        .setSshDirectory(emptyFolder.toFile())
        .setConfigFile(folder -> null)
        .setDefaultIdentities(folder -> identity.keyFile().stream().toList())
        .setKeyPasswordProvider(any -> new KeyPassphrase(identity.passphraseFile()))
        .setConnectorFactory(identity.agentSocket().map(SshAgent::new).orElse(null))
        .setDefaultKnownHostsFiles(folder -> List.of(hosts))
        .setPreferredAuthentications("publickey")
        .build(null);
  }

  @Override
  public void close() {
    ssh.ifPresent(SshdSessionFactory::close);
  }

  /**
   * Creates connections without a proxy and with bounded responses, follows no redirect to a
   * private address, and records Retry-After in seconds (RFC 9110, 10.2.3).
   */
  private final class DirectConnections implements HttpConnectionFactory {
    @Override
    public HttpConnection create(URL target) throws IOException {
      return create(target, Proxy.NO_PROXY);
    }

    @Override
    public HttpConnection create(URL target, Proxy ignored) throws IOException {
      requireSafe(target);
      return connection(target);
    }

    private void requireSafe(URL target) throws IOException {
      try {
        if (!url.sameServer(new URIish(target))) {
          redirects.requireRedirect(new URI(url.text()), target.toURI());
        }
      } catch (URISyntaxException e) {
        throw new IOException("the Git server redirects to an address that is no URL", e);
      }
    }

    private HttpConnection connection(URL target) throws IOException {
      HttpConnection connection = bounded(target);
      if (authorities.isPresent() && target.getProtocol().equals("https")) {
        try {
          connection.configure(null, authorities.get(), null);
        } catch (GeneralSecurityException e) {
          throw new IOException(
              "the authorities of repo.trust cannot be used; name PEM files of certificate"
                  + " authorities",
              e);
        }
      }
      return connection;
    }

    private HttpConnection bounded(URL target) throws IOException {
      return new JDKHttpConnection(target, Proxy.NO_PROXY) {
        @Override
        public int getResponseCode() throws IOException {
          int code = super.getResponseCode();
          if (code == 429 || code == 503) {
            retryAfter.set(
                Optional.ofNullable(getHeaderField("Retry-After"))
                    .flatMap(text -> RetryAfter.parse(text, Instant.now())));
          }
          return code;
        }

        // Hide the encoding from JGit, because getInputStream decodes the response.
        @Override
        public String getHeaderField(String name) {
          return name.equalsIgnoreCase("Content-Encoding") ? "" : super.getHeaderField(name);
        }

        // Decode the response first, so that the bounds count what JGit keeps in memory.
        @Override
        public InputStream getInputStream() throws IOException {
          String encoding = String.valueOf(super.getHeaderField("Content-Encoding"));
          InputStream in =
              encoding.endsWith("gzip")
                  ? new GZIPInputStream(super.getInputStream())
                  : super.getInputStream();
          String path = target.getPath();
          boolean packs = path.contains("/objects/pack/");
          return packs
              ? in
              : new BoundedResponse(in, path.endsWith("/git-upload-pack"), access.fetchTimeout());
        }
      };
    }
  }

  /**
   * Provides the token only to the configured server, so that a redirect cannot carry it elsewhere.
   */
  private final class Token extends CredentialsProvider {
    private final Path file;

    Token(Path file) {
      this.file = file;
    }

    @Override
    public boolean isInteractive() {
      return false;
    }

    @Override
    public boolean supports(CredentialItem... items) {
      for (CredentialItem item : items) {
        if (!(item instanceof CredentialItem.Username || item instanceof CredentialItem.Password)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public boolean get(URIish uri, CredentialItem... items) {
      if (!url.sameServer(uri) || !supports(items)) {
        return false;
      }
      char[] secret = readSecret(file);
      for (CredentialItem item : items) {
        switch (item) {
          case CredentialItem.Username name -> name.setValue(access.user());
          case CredentialItem.Password password -> password.setValue(secret);
          default -> throw new IllegalStateException("refused by supports()");
        }
      }
      return true;
    }
  }

  private static char[] readSecret(Path file) {
    try {
      return Files.readString(file, StandardCharsets.UTF_8).strip().toCharArray();
    } catch (IOException e) {
      throw new SourceException("the token file " + file + " cannot be read", e);
    }
  }
}
