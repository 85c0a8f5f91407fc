/**
 * Limits how much an appspace may store, with a separate file system where the machine permits it.
 */
@NullMarked
package io.dropserver.sandbox.storage;

import org.jspecify.annotations.NullMarked;
