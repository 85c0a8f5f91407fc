/**
 * Running untrusted code: the lifecycle of sandboxes and the seam to the engines that host them.
 */
@NullMarked
package io.dropserver.sandbox;

import org.jspecify.annotations.NullMarked;
