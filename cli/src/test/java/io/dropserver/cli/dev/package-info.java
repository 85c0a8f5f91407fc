@NullMarked
package io.dropserver.cli.dev;

import org.jspecify.annotations.NullMarked;
