/** Pages that try to carry a secret out of the browser, and checks that they cannot. */
@NullMarked
package io.dropserver.tests.exfiltration;

import org.jspecify.annotations.NullMarked;
