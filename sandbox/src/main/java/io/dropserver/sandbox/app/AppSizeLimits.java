package io.dropserver.sandbox.app;

/**
 * The maximum size of an app version. Limits the cost of a hostile package before it is refused.
 *
 * @param files the number of files
 * @param fileBytes the largest single file
 * @param totalBytes all files together
 * @param pathBytes a whole path in UTF-8
 * @param depth the number of folders above a file
 */
record AppSizeLimits(int files, long fileBytes, long totalBytes, int pathBytes, int depth) {

  static final AppSizeLimits DEFAULT = new AppSizeLimits(20_000, 64L << 20, 256L << 20, 1024, 32);
}
