/**
 * Limits how much an appspace may store, with a file system of its own where the machine allows it.
 */
@NullMarked
package io.dropserver.sandbox.storage;

import org.jspecify.annotations.NullMarked;
