package io.dropserver.testing;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.util.List;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/** A certificate authority for tests, with server keys that it signs. */
public final class CertificateAuthority {
  private static final String PASSWORD = "test-password";

  private final Path folder;

  /**
   * @param folder must be empty
   */
  public CertificateAuthority(Path folder) throws IOException, InterruptedException {
    this.folder = folder;
    keytool("ca", "-genkeypair", "-dname", "CN=Test CA", "-ext", "bc:c=ca:true");
    keytool("ca", "-exportcert", "-rfc", "-file", file().toString());
  }

  /** The CA certificate in PEM form. */
  public Path file() {
    return folder.resolve("ca.pem");
  }

  /**
   * @param names such as {@code dns:api.test}
   */
  public SSLContext server(String... names) throws IOException, InterruptedException {
    String alias = "server-" + String.join("-", names).replaceAll("[^a-z0-9.]", "-");
    Path request = folder.resolve(alias + ".csr");
    Path certificate = folder.resolve(alias + ".pem");
    keytool(alias, "-genkeypair", "-dname", "CN=" + alias);
    keytool(alias, "-certreq", "-file", request.toString());
    keytool(
        "ca",
        "-gencert",
        "-rfc",
        "-infile",
        request.toString(),
        "-outfile",
        certificate.toString(),
        "-ext",
        "san=" + String.join(",", names));
    keytool(alias, "-importcert", "-noprompt", "-file", certificate.toString());
    return context(alias);
  }

  private SSLContext context(String alias) throws IOException {
    try (InputStream input = Files.newInputStream(folder.resolve("keys.p12"))) {
      KeyStore all = KeyStore.getInstance("PKCS12");
      all.load(input, PASSWORD.toCharArray());
      KeyStore one = KeyStore.getInstance("PKCS12");
      one.load(null, null);
      one.setKeyEntry(
          alias,
          all.getKey(alias, PASSWORD.toCharArray()),
          PASSWORD.toCharArray(),
          all.getCertificateChain(alias));
      KeyManagerFactory keys =
          KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
      keys.init(one, PASSWORD.toCharArray());
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(keys.getKeyManagers(), null, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private void keytool(String alias, String command, String... arguments)
      throws IOException, InterruptedException {
    List<String> line =
        new java.util.ArrayList<>(
            List.of(Path.of(System.getProperty("java.home"), "bin", "keytool").toString()));
    line.addAll(List.of(command, "-alias", alias, "-storetype", "PKCS12"));
    line.addAll(List.of("-keystore", folder.resolve("keys.p12").toString()));
    line.addAll(List.of("-storepass", PASSWORD));
    if (command.equals("-genkeypair")) {
      line.addAll(List.of("-keyalg", "EC", "-groupname", "secp256r1"));
    }
    line.addAll(List.of(arguments));
    Process process = new ProcessBuilder(line).redirectErrorStream(true).start();
    process.getOutputStream().close();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    if (process.waitFor() != 0) {
      throw new IOException("keytool: " + output);
    }
  }
}
