/** Tests that need another kernel, in a virtual machine. */
@NullMarked
package io.dropserver.tests.machine;

import org.jspecify.annotations.NullMarked;
