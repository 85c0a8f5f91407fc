package io.dropserver.backup.copy;

import java.util.function.BooleanSupplier;
import java.util.function.LongConsumer;

/**
 * How far a copy goes.
 *
 * @param sparseBytes how many bytes files may have together that are mostly holes: reading them
 *     costs restic as much as if they were full
 * @param keepFreeBytes of the mirror's disk
 * @param cancelled asked often
 * @param copied told of bytes that were copied
 */
public record CopyBounds(
    long sparseBytes, long keepFreeBytes, BooleanSupplier cancelled, LongConsumer copied) {}
