/** What needs another kernel than this machine's: tests inside a virtual machine of their own. */
@NullMarked
package io.dropserver.tests.machine;

import org.jspecify.annotations.NullMarked;
