@NullMarked
package io.dropserver.cli.object;

import org.jspecify.annotations.NullMarked;
