package io.dropserver.sandbox.app;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/** Writes tar headers by hand, so that it can write what no tar program would. */
final class PackageBuilder {
  private final ByteArrayOutputStream tar = new ByteArrayOutputStream();

  static PackageBuilder empty() {
    return new PackageBuilder();
  }

  PackageBuilder file(String name, String content) {
    return entry(name, '0', "", content.getBytes(StandardCharsets.UTF_8));
  }

  PackageBuilder entry(String name, char type, String link, byte[] content) {
    return raw(name.getBytes(StandardCharsets.UTF_8), type, link, content);
  }

  PackageBuilder raw(byte[] name, char type, String link, byte[] content) {
    byte[] header = new byte[512];
    System.arraycopy(name, 0, header, 0, Math.min(100, name.length));
    put(header, 100, "0000644\0" + "0000000\0" + "0000000\0");
    put(header, 124, "%011o\0".formatted(content.length));
    put(header, 136, "00000000000\0");
    put(header, 148, "        ");
    header[156] = (byte) type;
    put(header, 157, link);
    put(header, 257, "ustar\00000");
    int sum = 0;
    for (byte value : header) {
      sum += value & 0xFF;
    }
    put(header, 148, "%06o\0 ".formatted(sum));
    tar.writeBytes(header);
    tar.writeBytes(content);
    tar.writeBytes(new byte[(512 - content.length % 512) % 512]);
    return this;
  }

  /** A PAX extended header for the next entry, or with type g for all that follow. */
  PackageBuilder pax(char type, Map<String, String> records) {
    var body = new StringBuilder();
    records.forEach(
        (key, value) -> {
          int length = (" " + key + "=" + value + "\n").getBytes(StandardCharsets.UTF_8).length;
          int whole = length + Integer.toString(length).length();
          whole = length + Integer.toString(whole).length();
          body.append(whole).append(' ').append(key).append('=').append(value).append('\n');
        });
    return entry("PaxHeader", type, "", body.toString().getBytes(StandardCharsets.UTF_8));
  }

  byte[] tar() {
    var whole = new ByteArrayOutputStream();
    whole.writeBytes(tar.toByteArray());
    whole.writeBytes(new byte[1024]);
    return whole.toByteArray();
  }

  byte[] bytes() {
    return gzip(tar());
  }

  static byte[] gzip(byte[] content) {
    var out = new ByteArrayOutputStream();
    try (var gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
    return out.toByteArray();
  }

  private static void put(byte[] header, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
    System.arraycopy(bytes, 0, header, offset, bytes.length);
  }
}
