package io.dropserver.backup.copy;

import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * Limits and callbacks of a {@link TreeCopy}.
 *
 * @param sparseBytes maximum total size of files that consist mostly of holes, because restic reads
 *     holes as slowly as data
 * @param keepFreeBytes free space to preserve on the mirror's disk
 * @param cancelled polled for each entry and chunk; true aborts the copy
 * @param onCopied receives the number of bytes just copied
 */
public record CopyLimits(
    long sparseBytes, long keepFreeBytes, BooleanSupplier cancelled, LongConsumer onCopied) {}
