package io.dropserver.reconciler.plan;

import io.dropserver.base.text.Sha256;
import io.dropserver.schema.instance.Resource;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.concurrent.ConcurrentHashMap;

/**
 * Computes and caches fingerprints of objects, so that after a commit only the objects that it
 * changed are hashed. Thread-safe.
 */
final class Fingerprints {
  private final Map<ObjectKey, Known> known = new ConcurrentHashMap<>();

  private record Known(Resource resource, String content, String fingerprint) {}

  String of(Resource resource, Desired desired) {
    ObjectKey key = ObjectKey.of(resource);
    String content = desired.contentOf(resource);
    Known before = known.get(key);
    if (before != null && before.content().equals(content) && before.resource().equals(resource)) {
      return before.fingerprint();
    }
    String fingerprint = of(ObjectFields.of(resource, desired));
    known.put(key, new Known(resource, content, fingerprint));
    return fingerprint;
  }

  void keepOnly(Set<ObjectKey> keys) {
    known.keySet().retainAll(keys);
  }

  /** Returns the first 128 bits of a SHA-256 hash over length-prefixed paths and values. */
  static String of(SortedMap<String, String> fields) {
    MessageDigest digest = Sha256.newDigest();
    fields.forEach(
        (path, value) -> {
          text(digest, path);
          text(digest, value);
        });
    return HexFormat.of().formatHex(Arrays.copyOf(digest.digest(), 16));
  }

  private static void text(MessageDigest digest, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    for (int shift = 24; shift >= 0; shift -= 8) {
      digest.update((byte) (bytes.length >> shift));
    }
    digest.update(bytes);
  }
}
