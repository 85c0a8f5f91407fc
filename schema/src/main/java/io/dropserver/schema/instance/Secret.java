package io.dropserver.schema.instance;

import java.util.SortedMap;

/**
 * Kind {@code Secret}: secrets of appspaces, encrypted with SOPS. The name of the appspace and the
 * name of the secret are keys above the value, and the cipher authenticates them. Contains no plain
 * text.
 *
 * @param secrets by appspace and name
 * @param text the whole file, from which the server decrypts the values
 */
public record Secret(
    String name,
    Location location,
    SortedMap<String, SortedMap<String, EncryptedSecret>> secrets,
    String text)
    implements Resource {

  @Override
  public Kind kind() {
    return Kind.SECRET;
  }

  /**
   * @param location the location of the value
   * @param digest identifies the encrypted text; it says nothing about the value, because the same
   *     value is encrypted to another text each time
   */
  public record EncryptedSecret(Location location, String digest) {}
}
