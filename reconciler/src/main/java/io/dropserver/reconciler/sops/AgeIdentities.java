package io.dropserver.reconciler.sops;

import com.exceptionfactory.jagged.RecipientStanzaReader;
import com.exceptionfactory.jagged.framework.armor.ArmoredDecryptingChannelFactory;
import com.exceptionfactory.jagged.x25519.X25519RecipientStanzaReaderFactory;
import io.dropserver.schema.instance.Location;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Private age keys (X25519), as {@code age-keygen} writes them. Several keys make rotation
 * possible: a file is decrypted with the first key that fits. Thread-safe.
 */
public final class AgeIdentities {
  /** Maximum number of keys in a file. Each is tried on each recipient of a secret. */
  static final int MAX_IDENTITIES = 10;

  private static final int MAX_FILE_BYTES = 1 << 16;
  private static final String PREFIX = "AGE-SECRET-KEY-1";
  private static final String REMEDY =
      "write one key on each line, as age-keygen prints it; lines with # are comments";

  private final List<RecipientStanzaReader> readers;

  private AgeIdentities(List<RecipientStanzaReader> readers) {
    this.readers = List.copyOf(readers);
  }

  /**
   * Reads a key file.
   *
   * @throws SopsException when the file cannot be read or does not contain usable keys; names the
   *     file and the line, never a key
   */
  public static AgeIdentities read(Path file) throws SopsException {
    Location whole = Location.ofFile(file.toString());
    try (var in = Files.newInputStream(file)) {
      byte[] bytes = in.readNBytes(MAX_FILE_BYTES + 1);
      if (bytes.length > MAX_FILE_BYTES) {
        throw new SopsException(whole, "the key file has more than 64 KiB", REMEDY);
      }
      return parse(file.toString(), new String(bytes, StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new SopsException(
          whole,
          "the key file cannot be read: " + e.getClass().getSimpleName(),
          "check that it exists and that the user of this process may read it");
    }
  }

  /**
   * @param name the file name in messages
   */
  static AgeIdentities parse(String name, String text) throws SopsException {
    List<RecipientStanzaReader> readers = new ArrayList<>();
    List<String> lines = text.lines().toList();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        readers.add(reader(new Location(name, i + 1, 1), line));
      }
    }
    if (readers.isEmpty() || readers.size() > MAX_IDENTITIES) {
      throw new SopsException(
          Location.ofFile(name),
          "the key file has %d keys; it must have 1 to %d"
              .formatted(readers.size(), MAX_IDENTITIES),
          REMEDY);
    }
    return new AgeIdentities(readers);
  }

  private static RecipientStanzaReader reader(Location at, String line) throws SopsException {
    if (!line.startsWith(PREFIX)) {
      throw new SopsException(at, "this line is not a private age key", REMEDY);
    }
    try {
      return X25519RecipientStanzaReaderFactory.newRecipientStanzaReader(line);
    } catch (GeneralSecurityException | RuntimeException e) {
      // The message of the exception may contain a part of the key.
      throw new SopsException(at, "this line is not a valid private age key", REMEDY);
    }
  }

  /**
   * Decrypts an armored age file. Returns its content only if all of it was authenticated.
   *
   * @return empty if no key fits, or if the file is damaged
   */
  Optional<byte[]> decrypt(String armored) {
    for (RecipientStanzaReader reader : readers) {
      Optional<byte[]> plain = decrypt(armored, reader);
      if (plain.isPresent()) {
        return plain;
      }
    }
    return Optional.empty();
  }

  private static Optional<byte[]> decrypt(String armored, RecipientStanzaReader reader) {
    byte[] bytes = armored.getBytes(StandardCharsets.UTF_8);
    try (var in = Channels.newChannel(new ByteArrayInputStream(bytes));
        var plain =
            new ArmoredDecryptingChannelFactory().newDecryptingChannel(in, List.of(reader))) {
      return Optional.of(Channels.newInputStream(plain).readAllBytes());
    } catch (GeneralSecurityException | IOException | RuntimeException e) {
      return Optional.empty(); // another recipient, or damaged; the caller tries the next key
    }
  }
}
