package io.dropserver.sandbox.app;

/**
 * How much an app version may hold. Bounds what a hostile package costs before it is refused.
 *
 * @param files their number
 * @param fileBytes the largest single file
 * @param totalBytes all files together
 * @param pathBytes a whole path in UTF-8
 * @param depth folders above a file
 */
record FileBounds(int files, long fileBytes, long totalBytes, int pathBytes, int depth) {

  static final FileBounds DEFAULT = new FileBounds(20_000, 64L << 20, 256L << 20, 1024, 32);
}
