package io.dropserver.web.tls;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/** A certificate authority for one test, created with OpenSSL. */
public final class TestAuthority {
  private final Path folder;

  public TestAuthority(Path folder) throws IOException {
    this.folder = folder;
    openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-keyout",
        path("ca.key"),
        "-out",
        path("ca.pem"),
        "-days",
        "30",
        "-subj",
        "/CN=Test CA",
        "-addext",
        "basicConstraints=critical,CA:TRUE",
        "-addext",
        "keyUsage=keyCertSign,cRLSign");
  }

  /** The root certificate, in PEM. */
  public Path root() {
    return folder.resolve("ca.pem");
  }

  /**
   * Issues a certificate as NAME.pem, with its key in NAME.key.
   *
   * @param key arguments of {@code openssl genpkey} for the algorithm
   */
  public void issue(String name, List<String> hosts, int days, String... key) throws IOException {
    List<String> generate = new ArrayList<>(List.of("genpkey", "-out", path(name + ".key")));
    generate.addAll(key.length == 0 ? ELLIPTIC : List.of(key));
    openssl(generate.toArray(new String[0]));
    String names = String.join(",", hosts.stream().map(host -> "DNS:" + host).toList());
    Path extensions =
        Files.writeString(
            folder.resolve("ext"), "subjectAltName=" + names + "\nextendedKeyUsage=serverAuth\n");
    openssl(
        "req",
        "-new",
        "-key",
        path(name + ".key"),
        "-out",
        path("csr"),
        "-subj",
        "/CN=" + hosts.getFirst());
    openssl(
        "x509",
        "-req",
        "-in",
        path("csr"),
        "-CA",
        path("ca.pem"),
        "-CAkey",
        path("ca.key"),
        "-CAcreateserial",
        "-days",
        String.valueOf(days),
        "-extfile",
        extensions.toString(),
        "-out",
        path(name + ".leaf"));
    // In the order in which authorities deliver it: the server's certificate first, then its
    // issuer.
    Files.writeString(
        folder.resolve(name + ".pem.new"),
        Files.readString(folder.resolve(name + ".leaf")) + Files.readString(root()));
    Files.move(
        folder.resolve(name + ".pem.new"),
        folder.resolve(name + ".pem"),
        StandardCopyOption.ATOMIC_MOVE);
  }

  private static final List<String> ELLIPTIC =
      List.of("-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256");

  public Path chain(String name) {
    return folder.resolve(name + ".pem");
  }

  public Path key(String name) {
    return folder.resolve(name + ".key");
  }

  private String path(String name) {
    return folder.resolve(name).toString();
  }

  /** A client context that trusts only this authority. */
  public SSLContext clientContext() throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    store.setCertificateEntry("root", PemFiles.authorities(root()).getFirst());
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  public static void openssl(String... arguments) throws IOException {
    List<String> command = new ArrayList<>(List.of("openssl"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said =
        new String(
            process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
    try {
      if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
        throw new IOException(command + ": " + said);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }
}
