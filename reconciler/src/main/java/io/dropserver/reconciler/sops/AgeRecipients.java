package io.dropserver.reconciler.sops;

import com.exceptionfactory.jagged.RecipientStanzaWriter;
import com.exceptionfactory.jagged.framework.armor.ArmoredEncryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaWriterFactory;
import io.dropserver.schema.instance.Location;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/** Public age keys, for which a file is encrypted. Immutable. */
public final class AgeRecipients {
  private static final int MAX_RECIPIENTS = 20;

  private final SequencedMap<String, RecipientStanzaWriter> writers;

  private AgeRecipients(SequencedMap<String, RecipientStanzaWriter> writers) {
    this.writers = writers;
  }

  /**
   * @param keys public keys that begin with {@code age1}
   * @throws SopsException when a key is not valid, or when there are none or too many
   */
  public static AgeRecipients of(Collection<String> keys) throws SopsException {
    SequencedMap<String, RecipientStanzaWriter> writers = new LinkedHashMap<>();
    for (String key : keys) {
      writers.put(key, writer(key));
    }
    if (writers.isEmpty() || writers.size() > MAX_RECIPIENTS) {
      throw new SopsException(
          Location.ofFile("recipients"),
          "a file has 1 to %d recipients, not %d".formatted(MAX_RECIPIENTS, writers.size()),
          "name the public keys that may decrypt it");
    }
    return new AgeRecipients(writers);
  }

  private static RecipientStanzaWriter writer(String key) throws SopsException {
    boolean isPublic = key.startsWith("age1") && key.chars().allMatch(c -> c > ' ' && c < 127);
    try {
      if (isPublic) {
        return X25519RecipientStanzaWriterFactory.newRecipientStanzaWriter(key);
      }
    } catch (GeneralSecurityException | RuntimeException e) {
      // Reported below. The text may be a private key by mistake, so it is not repeated.
    }
    throw new SopsException(
        Location.ofFile("recipients"),
        "a recipient is not a public age key",
        "write the key that `age-keygen -y KEYFILE` prints; it begins with age1");
  }

  List<String> keys() {
    return List.copyOf(writers.keySet());
  }

  /** Encrypts a data key for each recipient. Returns armored age files by public key. */
  Map<String, String> encrypt(byte[] dataKey) {
    Map<String, String> files = new LinkedHashMap<>();
    writers.forEach((key, writer) -> files.put(key, encrypt(dataKey, writer)));
    return files;
  }

  private static String encrypt(byte[] dataKey, RecipientStanzaWriter writer) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (var armored =
        new ArmoredEncryptingChannelFactory()
            .newEncryptingChannel(Channels.newChannel(out), List.of(writer))) {
      armored.write(ByteBuffer.wrap(dataKey));
    } catch (GeneralSecurityException | IOException e) {
      throw new IllegalStateException("every Java has the algorithms of age", e);
    }
    return out.toString(StandardCharsets.US_ASCII);
  }
}
