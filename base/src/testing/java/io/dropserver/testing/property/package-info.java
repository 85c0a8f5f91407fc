/** Tests of the edits of YAML files. */
@NullMarked
package io.dropserver.testing.property;

import org.jspecify.annotations.NullMarked;
