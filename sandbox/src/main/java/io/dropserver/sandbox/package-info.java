/**
 * Running untrusted code: the contracts. This package uses none of its sub-packages; each of those
 * may use it.
 */
@NullMarked
package io.dropserver.sandbox;

import org.jspecify.annotations.NullMarked;
