/**
 * The interfaces for running untrusted code. This package does not depend on its subpackages; each
 * of them may depend on it.
 */
@NullMarked
package io.dropserver.sandbox;

import org.jspecify.annotations.NullMarked;
